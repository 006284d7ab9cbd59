/* What is done to the samples of a frame: softphone/audio/stretch.py and `shortened`. */

#pragma once

#include <cmath>
#include <cstring>
#include <map>
#include <vector>

#include "sound.h"

namespace sound {

constexpr int CONTEXT = 4; /* samples that stretching needs on each side */

/* Fade in over `count` samples. */
inline void fade_in(int16_t *pcm, int count) {
    for (int at = 0; at < count; at++)
        pcm[at] = int16_t(pcm[at] * (double(at) / (count - 1)));
}

/* Make a frame of one and a half: the middle third fades into the last. */
inline void shorten(int16_t *pcm) {
    constexpr int HALF = FRAME / 2;
    for (int at = 0; at < HALF; at++) {
        double slope = double(at) / (HALF - 1);
        double joined = pcm[HALF + at] * (1 - slope) + pcm[FRAME + at] * slope;
        pcm[HALF + at] = int16_t(joined);
    }
}

/* Makes `FRAME - step` samples of FRAME by a windowed sinc of 8 taps. Used by one thread. */
class Stretch {
  public:
    /* `whole` holds CONTEXT samples before the frame and CONTEXT after it. */
    void apply(const int16_t *whole, int step, int16_t *made) {
        const std::vector<Taps> &filter = of(step);
        for (size_t at = 0; at < filter.size(); at++) {
            const Taps &taps = filter[at];
            float sum = 0;
            for (int tap = 0; tap < 2 * CONTEXT; tap++)
                sum += taps.weights[tap] * whole[taps.first + tap];
            made[at] = int16_t(std::fmin(std::fmax(std::rint(sum), -32768.f), 32767.f));
        }
    }

  private:
    struct Taps {
        int first;
        float weights[2 * CONTEXT];
    };

    const std::vector<Taps> &of(int step) {
        std::vector<Taps> &filter = filters_[step];
        int samples = FRAME - step;
        for (int at = int(filter.size()); at < samples; at++) {
            double place = at * (double(FRAME) / samples), whole = std::floor(place), sum = 0;
            double weights[2 * CONTEXT];
            for (int tap = 0; tap < 2 * CONTEXT; tap++) {
                double distance = tap - (CONTEXT - 1) - (place - whole);
                double bell = std::cos(M_PI * distance / (2 * CONTEXT + 1));
                weights[tap] = sinc(distance) * bell * bell;
                sum += weights[tap];
            }
            Taps taps{int(whole) + 1, {}};
            for (int tap = 0; tap < 2 * CONTEXT; tap++)
                taps.weights[tap] = float(weights[tap] / sum);
            filter.push_back(taps);
        }
        return filter;
    }

    static double sinc(double x) { return x == 0 ? 1 : std::sin(M_PI * x) / (M_PI * x); }

    std::map<int, std::vector<Taps>> filters_;
};

} // namespace sound
