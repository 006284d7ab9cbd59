/* How much faster or slower a queue is read than written to: softphone/audio/pace.py says why. */

#pragma once

#include <algorithm>
#include <climits>

#include "sound.h"

namespace sound {

class Pace {
  public:
    explicit Pace(int margin) : least_margin_(margin), margin_(margin) {}

    int margin() const { return margin_; }

    void restart() { kept_ = 0, low_ = NONE, seen_ = 0, removed_ = 0, calm_ = 0; }

    void trouble() {
        margin_ = std::min(margin_ + RAISE, MOST_MARGIN);
        restart();
    }

    void took(int step) { removed_ += step; }

    /* Take how many samples were left; return the step of the next unit. */
    int step(int left) {
        low_ = std::min(low_, left + removed_);
        if (++seen_ >= PER_WINDOW) {
            lows_[kept_ < WINDOWS ? kept_++ : oldest()] = low_;
            low_ = NONE, seen_ = 0;
            if (++calm_ % LOWER_EVERY == 0 && margin_ > least_margin_)
                margin_ -= MS;
        }
        int found = surplus();
        if (std::abs(found) <= QUIET_ZONE)
            return 0;
        int most = std::abs(found) > 5 * MS ? MOST_STEP : 1;
        return found > 0 ? most : -most;
    }

  private:
    static constexpr int NONE = INT_MAX, WINDOWS = 5, PER_WINDOW = RATE_HZ / FRAME;
    static constexpr int QUIET_ZONE = MS / 2, MOST_STEP = 3, LOWER_EVERY = 60;
    static constexpr int RAISE = 5 * MS, MOST_MARGIN = 40 * MS;

    int oldest() {
        std::rotate(lows_, lows_ + 1, lows_ + WINDOWS);
        return WINDOWS - 1;
    }

    int surplus() const {
        int lowest = low_;
        for (int at = 0; at < kept_; at++)
            lowest = std::min(lowest, lows_[at]);
        if (lowest == NONE)
            return 0;
        int found = lowest - removed_ - margin_;
        /* Too little is told at once, too much only after a whole window. */
        return kept_ ? found : std::min(found, 0);
    }

    int least_margin_, margin_;
    int lows_[WINDOWS] = {}, kept_ = 0;
    int low_ = NONE, seen_ = 0, removed_ = 0, calm_ = 0;
};

} // namespace sound
