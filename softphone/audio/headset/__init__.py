"""Headset buttons over HID: descriptors, devices, and the threads that keep to them."""
