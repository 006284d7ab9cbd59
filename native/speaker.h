/* The call's sound on its way to a speaker of PulseAudio: Speaker and its direct device of
   softphone/audio/speaker.py and pulse_direct.py. */

#pragma once

#include <atomic>
#include <mutex>

#include "level.h"
#include "pace.h"
#include "pulse.h"
#include "shape.h"
#include "voice.h"

namespace sound {

using Lost = void (*)();

class Speaker {
  public:
    Speaker(const Pulse &pulse, Voice &voice) : pulse_(pulse), voice_(voice) {}

    /* Play on a stream from now on. `lost` is called once, from the thread that notices. */
    void attach(pa_mainloop *loop, pa_stream *stream, Lost lost) {
        std::lock_guard<std::mutex> held(mutex_);
        loop_ = loop, stream_ = stream, lost_ = lost;
        pace_ = Pace(MARGIN);
        std::memset(whole_, 0, sizeof whole_);
        step_ = 0;
        begun_ = false;
        used_ = now_s();
    }

    /* Nothing of the stream is used any more when this returns. */
    void detach(pa_stream *stream) {
        std::lock_guard<std::mutex> held(mutex_);
        if (stream_ == stream)
            stream_ = nullptr;
    }

    /* Take what the server says while nothing is written. */
    void tend() {
        Lost lost = nullptr;
        {
            std::lock_guard<std::mutex> held(mutex_);
            if (stream_ && now_s() - used_ > UNUSED_S && !turn())
                lost = lost_;
        }
        if (lost)
            lost();
    }

    /* Take one frame (media tick). */
    static void take(void *speaker, const int16_t *frame) {
        static_cast<Speaker *>(speaker)->put(frame);
    }

    uint64_t dry() const { return dry_; }
    uint64_t floods() const { return floods_; }

    Level level;

  private:
    static constexpr int MARGIN = 8 * MS;   /* ahead of the device when a frame comes */
    static constexpr int MOST = 120 * MS;   /* more than this is given up at once */
    static constexpr int ROOM = 200 * MS;   /* what a stream was opened for */
    static constexpr int EDGE = 2 * MS;
    static constexpr double UNUSED_S = 0.5;

    void put(const int16_t *frame) {
        level.feed(frame, FRAME);
        Lost lost = nullptr;
        {
            std::lock_guard<std::mutex> held(mutex_);
            if (stream_ && !turn())
                lost = lost_;
            else if (stream_)
                play(frame);
        }
        if (lost)
            lost();
    }

    bool turn() {
        used_ = now_s();
        if (pulse_.turn(loop_, stream_))
            return true;
        stream_ = nullptr;
        return false;
    }

    void play(const int16_t *frame) {
        int ahead = this->ahead();
        std::memmove(whole_, whole_ + FRAME, 2 * CONTEXT * sizeof *whole_);
        std::memcpy(whole_ + 2 * CONTEXT, frame, FRAME * sizeof *frame);
        std::memcpy(made_, whole_ + CONTEXT, FRAME * sizeof *made_);
        if (!begun_ || ahead < 0) {
            if (begun_) {
                dry_++;
                pace_.trouble();
            }
            begun_ = true;
            fade_in(made_, EDGE);
            place();
        } else if (ahead > MOST) {
            floods_++;
            place();
        } else {
            int step = step_;
            pace_.took(step);
            step_ = pace_.step(ahead);
            if (step)
                stretch_.apply(whole_, step, made_);
            write(FRAME - step, 0);
        }
    }

    /* Play at the margin from what is played now, instead of what is ahead. */
    void place() {
        pace_.restart();
        step_ = 0;
        /* Not relative to what is played: of such steps the server tells too late. */
        write(FRAME, pace_.margin() - ahead());
    }

    void write(int count, int from_end) {
        constexpr int WIDTH = sizeof(int16_t);
        pulse_.write(stream_, made_, count * WIDTH, nullptr, int64_t(from_end) * WIDTH,
                     PA_SEEK_RELATIVE);
        pulse_.iterate(loop_, 0, nullptr); /* that is, send */
        voice_.played(made_, count);
    }

    /* Samples still to be played: what the server has not asked for again. */
    int ahead() const {
        size_t room = pulse_.writable(stream_);
        return ROOM - int(std::min(room, size_t(1) << 30) / sizeof(int16_t));
    }

    const Pulse &pulse_;
    Voice &voice_;
    std::mutex mutex_;
    pa_mainloop *loop_ = nullptr;
    pa_stream *stream_ = nullptr;
    Lost lost_ = nullptr;
    Pace pace_{MARGIN};
    Stretch stretch_;
    int16_t whole_[FRAME + 2 * CONTEXT] = {}, made_[FRAME + 4] = {};
    int step_ = 0;
    bool begun_ = false;
    double used_ = 0;
    std::atomic<uint64_t> dry_{0}, floods_{0};
};

} // namespace sound
