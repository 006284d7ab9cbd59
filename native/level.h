/* How loud it was since the last look: LevelMeter of softphone/audio/levels.py. */

#pragma once

#include <cstdlib>
#include <mutex>

#include "sound.h"

namespace sound {

class Level {
  public:
    void feed(const int16_t *pcm, size_t count) {
        int64_t squares = 0;
        int peak = 0;
        for (size_t at = 0; at < count; at++) {
            squares += int32_t(pcm[at]) * pcm[at];
            peak = std::max(peak, std::abs(int(pcm[at])));
        }
        std::lock_guard<std::mutex> held(mutex_);
        squares_ += double(squares);
        count_ += count;
        peak_ = std::max(peak_, peak);
    }

    /* Return mean square and highest magnitude; nothing heard is 0. */
    void read(double *mean_square, int *peak) {
        std::lock_guard<std::mutex> held(mutex_);
        *mean_square = count_ ? squares_ / double(count_) : 0;
        *peak = peak_;
        squares_ = 0, count_ = 0, peak_ = 0;
    }

  private:
    std::mutex mutex_;
    double squares_ = 0;
    size_t count_ = 0;
    int peak_ = 0;
};

} // namespace sound
