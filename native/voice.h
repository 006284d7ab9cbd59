/* The voice's processing for each block: VoiceBlocks of softphone/audio/voice.py, through the entry
   of softphone/audio/apm_entry.py. */

#pragma once

#include <atomic>
#include <cstring>
#include <mutex>
#include <vector>

#include "sound.h"

namespace sound {

/* One way into the library: the same request each time, sound in a place of its own. */
struct Entry {
    const uint8_t *request;
    size_t request_length;
    int16_t *sound;
    size_t well_length; /* of an answer that says that all is well */
};

/* What Python prepared; it keeps everything alive while it is in use. */
struct Processing {
    uint64_t (*ask)(const uint8_t *, size_t, const uint8_t **, size_t *);
    bool (*drop)(uint64_t);
    Entry near_end, far_end; /* far_end.request is null where no echo is cancelled */
};

using Samples = std::vector<int16_t>;

class Voice {
  public:
    /* Process from now on as told; null ends it. */
    void use(const Processing *processing) {
        std::lock_guard<std::mutex> held(mutex_);
        on_ = processing != nullptr;
        echo_ = on_ && processing->far_end.request != nullptr;
        if (on_)
            now_ = *processing;
        failed_ = false;
        forget();
    }

    bool failed() const { return failed_; }

    /* Learn what the speaker plays (its thread): only kept, it must be back at once. */
    void played(const int16_t *pcm, int count) {
        if (!echo_)
            return;
        std::lock_guard<std::mutex> held(heard_mutex_);
        heard_.insert(heard_.end(), pcm, pcm + count);
        if (heard_.size() > MOST_HEARD)
            heard_.erase(heard_.begin(), heard_.end() - MOST_HEARD);
    }

    /* Append what of the voice is ready to `made` (the microphone's thread). */
    void captured(const int16_t *pcm, size_t count, Samples &made) {
        std::lock_guard<std::mutex> held(mutex_);
        said_.insert(said_.end(), pcm, pcm + count);
        size_t done = 0;
        while (on_ && said_.size() - done >= BLOCK) {
            if (!process(said_.data() + done)) {
                on_ = false, echo_ = false, failed_ = true; /* Python looks now and then */
                break;
            }
            made.insert(made.end(), now_.near_end.sound, now_.near_end.sound + BLOCK);
            done += BLOCK;
        }
        if (!on_) {
            made.insert(made.end(), said_.begin() + done, said_.end());
            done = said_.size();
        }
        said_.erase(said_.begin(), said_.begin() + done);
    }

  private:
    static constexpr size_t MOST_HEARD = 20 * FRAME; /* for a microphone that is silent a while */

    bool process(const int16_t *block) {
        if (echo_) {
            listen();
            size_t done = 0;
            for (; far_.size() - done >= BLOCK; done += BLOCK)
                if (!ask(now_.far_end, far_.data() + done))
                    return false;
            far_.erase(far_.begin(), far_.begin() + done);
        }
        return ask(now_.near_end, block);
    }

    void listen() {
        std::lock_guard<std::mutex> held(heard_mutex_);
        far_.insert(far_.end(), heard_.begin(), heard_.end());
        heard_.clear();
    }

    bool ask(const Entry &way, const int16_t *block) {
        std::memcpy(way.sound, block, BLOCK * sizeof *block);
        const uint8_t *answer;
        size_t length;
        uint64_t handle = now_.ask(way.request, way.request_length, &answer, &length);
        /* What went wrong would be in the answer, which is then longer. */
        bool well = handle && length == way.well_length;
        return handle && now_.drop(handle) && well;
    }

    void forget() {
        std::lock_guard<std::mutex> held(heard_mutex_);
        heard_.clear();
        far_.clear();
    }

    std::mutex mutex_, heard_mutex_;
    std::atomic<bool> on_{false}, echo_{false}, failed_{false};
    Processing now_{};
    Samples said_, heard_, far_;
};

} // namespace sound
