/* The functions of libpulse that streams need, found when the first one is opened: a workstation
   without a sound server has no such library. */

#pragma once

#include <dlfcn.h>
#include <pulse/pulseaudio.h>

namespace sound {

struct Pulse {
    decltype(&pa_mainloop_iterate) iterate;
    decltype(&pa_stream_get_state) state;
    decltype(&pa_stream_readable_size) readable;
    decltype(&pa_stream_peek) peek;
    decltype(&pa_stream_drop) drop;
    decltype(&pa_stream_writable_size) writable;
    decltype(&pa_stream_write) write;

    /* Return false where the library or one of the functions is missing. */
    bool load() {
        void *library = dlopen("libpulse.so.0", RTLD_NOW | RTLD_LOCAL);
        return library && find(library, "pa_mainloop_iterate", iterate) &&
               find(library, "pa_stream_get_state", state) &&
               find(library, "pa_stream_readable_size", readable) &&
               find(library, "pa_stream_peek", peek) && find(library, "pa_stream_drop", drop) &&
               find(library, "pa_stream_writable_size", writable) &&
               find(library, "pa_stream_write", write);
    }

    bool alive(pa_stream *stream) const { return state(stream) == PA_STREAM_READY; }

    /* Take all that the server has sent; false when all is over. */
    bool turn(pa_mainloop *loop, pa_stream *stream) const {
        constexpr int MOST_TURNS = 100; /* a server that never ends does not hold the caller */
        for (int turn = 0; turn < MOST_TURNS; turn++) {
            int taken = iterate(loop, 0, nullptr);
            if (taken <= 0)
                return taken == 0 && alive(stream);
        }
        return alive(stream);
    }

  private:
    template <typename F> static bool find(void *library, const char *name, F &function) {
        function = reinterpret_cast<F>(dlsym(library, name));
        return function != nullptr;
    }
};

} // namespace sound
