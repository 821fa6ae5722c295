"""Many kiosks in one process, for load and for chaos: real messages over a light MQTT client."""
