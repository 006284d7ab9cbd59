/* The call's sound between the devices and the bridge, without the interpreter.

   Fifty times a second a frame goes from the microphone into the call and from the call to the
   speaker. What decides about it stays in Python (softphone/audio, softphone/sip); what is done
   for each frame is here, once more, for the library that `make pjsip` builds. All sound is 16 kHz
   mono 16 bit. Every function may be called without the interpreter's lock. */

#pragma once
#pragma GCC optimize("O2") /* the binding around it is built with less, which takes half as long */

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sound {

constexpr int RATE_HZ = 16000;
constexpr int MS = RATE_HZ / 1000; /* samples */
constexpr int FRAME = 20 * MS;
constexpr int BLOCK = 10 * MS; /* what the voice's processing takes at a time */

/* What came of a frame that a microphone has brought: `Beat` in softphone/app/media.py. */
enum Beat { ON = 0, LATER = 1, LATE = 2 };

using Give = void (*)(void *context, int16_t *frame);
using Take = void (*)(void *context, const int16_t *frame);
using Move = int (*)(void *context);

inline double now_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace sound
