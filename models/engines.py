"""Engines by name."""
from models.fetch import locate
def recognizer(name, threads=2):
    from models.whisper import WhisperRecognizer
    return WhisperRecognizer(locate(name), threads)
def voice(name, threads=2):
    from models.kokoro import KokoroVoice
    pack, _, speaker = name.partition("/")
    return KokoroVoice(locate(pack), speaker, threads)
def vad(name):
    from models.silero import SileroVad
    return SileroVad(locate(name))
def encoder(name, threads=1):
    from models.use_m3 import UseM3
    return UseM3(locate(name), threads)
