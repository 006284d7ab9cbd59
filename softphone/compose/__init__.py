"""The composition root: the one place that imports every package.

One module a way of running, so that a process loads only what it uses: the engine has no window in
its memory, the server no phone.
"""
