"""Device audio, file sources, tones, codecs and the bridge to the call."""
