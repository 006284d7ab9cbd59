/* What makes the bridge move on: MediaClock of softphone/sip/media_clock.py, which says why. */

#include <condition_variable>
#include <mutex>

#include <pjlib.h>
#include <pjmedia.h>

#include "sound.h"

namespace {

using namespace sound;

constexpr double FRAME_S = 0.02, IDLE_S = 0.1, LEADER_LATE_S = 0.06;

class Clock {
  public:
    explicit Clock(pjmedia_port *bridge) : bridge_(bridge), last_(now_s()) {
        frame_.buf = room_;
    }

    /* Mix one frame of everything; what the bridge itself would play is dropped. */
    bool step() {
        frame_.type = PJMEDIA_FRAME_TYPE_AUDIO;
        frame_.size = sizeof room_;
        frame_.timestamp.u64 += FRAME;
        return pjmedia_port_get_frame(bridge_, &frame_) == PJ_SUCCESS &&
               frame_.size == sizeof room_;
    }

    Beat beat() {
        std::lock_guard<std::mutex> held(mutex_);
        bool led = led_;
        led_ = true;
        if (!led && !ending_) {
            if (now_s() - last_ >= FRAME_S / 2)
                move();
            return LATE;
        }
        move();
        bool aside = aside_;
        aside_ = false;
        return aside ? LATER : ON;
    }

    void step_aside() {
        std::lock_guard<std::mutex> held(mutex_);
        aside_ = true;
    }

    void busy(bool on) {
        std::lock_guard<std::mutex> held(mutex_);
        if (on == busy_)
            return;
        busy_ = on;
        last_ = std::max(last_, now_s() - FRAME_S); /* the idle time is not made up for */
        waking_.notify_all();
    }

    void end() {
        std::lock_guard<std::mutex> held(mutex_);
        ending_ = true;
        waking_.notify_all();
    }

    void run() {
        std::unique_lock<std::mutex> held(mutex_);
        while (!ending_) {
            double left = keep_time();
            if (left > 0)
                waking_.wait_for(held, std::chrono::duration<double>(left));
        }
    }

  private:
    /* Move on as often as is due; return how long nothing is (s). */
    double keep_time() {
        double every = busy_ ? FRAME_S : IDLE_S, now = now_s();
        if (led_ && now - last_ < LEADER_LATE_S)
            return last_ + LEADER_LATE_S - now;
        led_ = false;
        if (aside_) {
            aside_ = false;
            last_ += FRAME_S / 2;
        }
        if (now - last_ > IDLE_S + LEADER_LATE_S)
            last_ = now - every; /* the machine slept: nothing to make up for */
        while (last_ + every <= now) {
            double due = last_ + every;
            move();
            last_ = due;
        }
        return last_ + every - now_s();
    }

    void move() {
        if (ending_)
            return;
        register_thread();
        last_ = now_s();
        step();
    }

    static void register_thread() {
        static thread_local pj_thread_desc room;
        static thread_local pj_thread_t *known = nullptr;
        if (!known && !pj_thread_is_registered())
            pj_thread_register("media", room, &known);
    }

    std::mutex mutex_;
    std::condition_variable waking_;
    pjmedia_port *bridge_;
    pjmedia_frame frame_{};
    int16_t room_[FRAME];
    bool led_ = false, aside_ = false, busy_ = false, ending_ = false;
    double last_;
};

} // namespace

extern "C" {

/* Take the bridge's time; null where it does not answer as expected. From a registered thread. */
void *sound_clock_new(void *bridge) {
    auto *clock = new Clock(static_cast<pjmedia_port *>(bridge));
    if (clock->step())
        return clock;
    delete clock;
    return nullptr;
}

void sound_clock_run(void *clock) { static_cast<Clock *>(clock)->run(); }
int sound_clock_beat(void *clock) { return static_cast<Clock *>(clock)->beat(); }
void sound_clock_step_aside(void *clock) { static_cast<Clock *>(clock)->step_aside(); }
void sound_clock_busy(void *clock, int on) { static_cast<Clock *>(clock)->busy(on != 0); }
void sound_clock_end(void *clock) { static_cast<Clock *>(clock)->end(); }
}
