/* The microphone's frames on their way into the call, which they lead: Microphone of
   softphone/audio/microphone.py. */

#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "level.h"
#include "shape.h"
#include "sound.h"
#include "voice.h"

namespace sound {

using Heard = void (*)(const int16_t *pcm, size_t count);

class Microphone {
  public:
    explicit Microphone(Voice &voice) : voice_(voice) {}

    void lead(Move beat, void *context) { beat_ = beat, context_ = context; }
    void amplify(double factor) { factor_ = float(factor); }
    /* Let someone hear what is said in the call, or nobody. */
    void listen(Heard heard) { heard_ = heard; }

    void clear() {
        std::lock_guard<std::mutex> taking(taking_);
        std::lock_guard<std::mutex> held(mutex_);
        captured_.clear(), queue_.clear();
        flows_ = false;
    }

    uint64_t late() const { return late_; }
    uint64_t missed() const { return missed_; }

    /* Add PCM (the device's thread); return how many samples the next frame wants. */
    int put(int16_t *pcm, size_t count) {
        std::lock_guard<std::mutex> taking(taking_);
        amplified(pcm, count);
        level.feed(pcm, count);
        flows_ = true;
        captured_.insert(captured_.end(), pcm, pcm + count);
        if (!beat_)
            return wait_for_a_reader();
        size_t missing;
        while (captured_.size() >= (missing = wanted() - queued())) {
            process(missing);
            append();
            while (queued() >= wanted())
                lead_on();
        }
        return int(missing - captured_.size());
    }

    /* Give one frame (media tick), silence where there is none. */
    static void give(void *microphone, int16_t *frame) {
        auto *self = static_cast<Microphone *>(microphone);
        std::lock_guard<std::mutex> held(self->mutex_);
        if (self->queue_.size() < FRAME) {
            self->missed_ += self->flows_.exchange(false); /* once until it comes again */
            std::memset(frame, 0, FRAME * sizeof *frame);
            return;
        }
        std::copy_n(self->queue_.begin(), FRAME, frame);
        self->queue_.erase(self->queue_.begin(), self->queue_.begin() + FRAME);
    }

    Level level;

  private:
    static constexpr size_t LATE_SAMPLES = 2 * FRAME, LONG = FRAME * 3 / 2;
    static constexpr size_t MOST_WAITING = 3 * FRAME;

    /* Where nobody lets us lead: another clock reads, and what is late for it goes. */
    int wait_for_a_reader() {
        process(captured_.size());
        append();
        std::lock_guard<std::mutex> held(mutex_);
        if (queue_.size() > MOST_WAITING)
            queue_.erase(queue_.begin(), queue_.end() - FRAME);
        return FRAME;
    }

    size_t wanted() const { return later_ ? LONG : FRAME; }

    size_t queued() {
        std::lock_guard<std::mutex> held(mutex_);
        return queue_.size();
    }

    void amplified(int16_t *pcm, size_t count) {
        float factor = factor_;
        if (factor == 1.f)
            return;
        for (size_t at = 0; at < count; at++)
            pcm[at] = int16_t(std::fmin(std::fmax(pcm[at] * factor, -32768.f), 32767.f));
    }

    /* Take so many samples of what was captured; what is said in the call is then in `said_`. */
    void process(size_t count) {
        said_.clear();
        voice_.captured(captured_.data(), count, said_);
        captured_.erase(captured_.begin(), captured_.begin() + count);
        Heard heard = heard_;
        if (heard && !said_.empty())
            heard(said_.data(), said_.size());
    }

    void append() {
        std::lock_guard<std::mutex> held(mutex_);
        queue_.insert(queue_.end(), said_.begin(), said_.end());
    }

    /* Nothing is held while the tick takes its frame; the clock's own thread may take one, too. */
    void lead_on() {
        if (later_)
            shorten_queue();
        size_t before = queued();
        int came = beat_(context_);
        if (came == LATE)
            drop_all(before);
        else
            drop_unheard(before);
        later_ = came == LATER;
    }

    void shorten_queue() {
        later_ = false;
        std::lock_guard<std::mutex> held(mutex_);
        if (queue_.size() >= LONG) {
            shorten(queue_.data());
            queue_.erase(queue_.begin() + FRAME, queue_.begin() + LONG);
        }
    }

    void drop_all(size_t before) {
        size_t waits = captured_.size() / FRAME * FRAME;
        late_ += before + waits > LATE_SAMPLES;
        process(waits); /* whoever cancels echoes must not miss it */
        std::lock_guard<std::mutex> held(mutex_);
        queue_.clear();
    }

    /* Muted, or on hold: nobody took the frame. */
    void drop_unheard(size_t before) {
        std::lock_guard<std::mutex> held(mutex_);
        if (queue_.size() == before && before >= FRAME)
            queue_.erase(queue_.begin(), queue_.begin() + FRAME);
    }

    Voice &voice_;
    std::mutex taking_, mutex_;
    Samples captured_, said_, queue_;
    Move beat_ = nullptr;
    void *context_ = nullptr;
    std::atomic<Heard> heard_{nullptr};
    std::atomic<float> factor_{1.f};
    std::atomic<bool> flows_{false};
    std::atomic<uint64_t> late_{0}, missed_{0};
    bool later_ = false;
};

} // namespace sound
