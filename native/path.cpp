/* Microphone, speaker and voice of one workstation, and how Python reaches them: NativePath of
   softphone/audio/native_path.py. */

#include <condition_variable>

#include "microphone.h"
#include "pulse.h"
#include "sound.h"
#include "speaker.h"

namespace {

using namespace sound;

struct Path {
    Pulse pulse{};
    Voice voice;
    Microphone microphone{voice};
    Speaker speaker{pulse, voice};
};

/* A microphone's stream that is read: PulseInput of softphone/audio/pulse.py. */
class Capture {
  public:
    Capture(Path *path, void *loop, void *stream)
        : path_(path), loop_(static_cast<pa_mainloop *>(loop)),
          stream_(static_cast<pa_stream *>(stream)) {}

    /* Read until told to end, or until the device is gone: then true. */
    bool run() {
        size_t missing = 0;
        double due = 0;
        for (;;) {
            rest(due);
            bool waited = false;
            size_t ready = come(missing, waited);
            if (!ready)
                return open_;
            double came = now_s();
            read(ready);
            int samples = path_->microphone.put(pcm_.data(), pcm_.size());
            missing = samples * sizeof(int16_t);
            due = (waited ? came + AFTER_S : due - CREEP_S) + double(samples) / RATE_HZ;
        }
    }

    /* From any thread; a wait for the server is ended by its wakeup. */
    void end() {
        std::lock_guard<std::mutex> held(mutex_);
        open_ = false;
        resting_.notify_all();
    }

  private:
    /* Whoever wakes up before the sound is there wakes up twice. So: a moment after it was last
       waited for, and a little earlier each time, until it is waited for again. */
    static constexpr double AFTER_S = 0.0004, CREEP_S = 0.00002, MOST_REST_S = 0.025;

    /* Return how many bytes there are once there are as many as are missing; 0 when all is over. */
    size_t come(size_t missing, bool &waited) {
        const Pulse &pulse = path_->pulse;
        while (open_ && pulse.alive(stream_)) {
            size_t ready = pulse.readable(stream_);
            if (ready > 0 && ready != size_t(-1) && ready >= missing)
                return ready;
            int taken = pulse.iterate(loop_, 0, nullptr); /* also sends that blocks are free */
            if (taken == 0) {
                waited = true;
                taken = pulse.iterate(loop_, 1, nullptr);
            }
            if (taken < 0)
                break;
        }
        return 0;
    }

    /* Take so many bytes; nothing is made up for what the server left out. */
    void read(size_t ready) {
        pcm_.clear();
        while (ready > 0) {
            const void *data = nullptr;
            size_t length = 0;
            path_->pulse.peek(stream_, &data, &length);
            if (!length)
                break;
            auto *samples = static_cast<const int16_t *>(data);
            if (samples)
                pcm_.insert(pcm_.end(), samples, samples + length / sizeof *samples);
            ready -= std::min(ready, length);
            path_->pulse.drop(stream_);
        }
    }

    /* Sleep through blocks that complete nothing: servers send them as small as they like. */
    void rest(double until) {
        double left = std::min(until - now_s(), MOST_REST_S);
        std::unique_lock<std::mutex> held(mutex_);
        if (left > 0 && open_)
            resting_.wait_for(held, std::chrono::duration<double>(left));
    }

    Path *path_;
    pa_mainloop *loop_;
    pa_stream *stream_;
    Samples pcm_;
    std::mutex mutex_;
    std::condition_variable resting_;
    std::atomic<bool> open_{true};
};

Path *of(void *path) { return static_cast<Path *>(path); }

} // namespace

extern "C" {

/* Null where there is no libpulse. */
void *sound_path_new() {
    auto *path = new Path;
    if (path->pulse.load())
        return path;
    delete path;
    return nullptr;
}

void *sound_path_microphone(void *path) { return &of(path)->microphone; }
void *sound_path_speaker(void *path) { return &of(path)->speaker; }
void sound_microphone_give(void *microphone, int16_t *frame) {
    Microphone::give(microphone, frame);
}
void sound_speaker_take(void *speaker, const int16_t *frame) { Speaker::take(speaker, frame); }

void sound_path_lead(void *path, Move beat, void *context) {
    of(path)->microphone.lead(beat, context);
}
void sound_path_amplify(void *path, double factor) { of(path)->microphone.amplify(factor); }
void sound_path_listen(void *path, Heard heard) { of(path)->microphone.listen(heard); }
void sound_path_clear(void *path) { of(path)->microphone.clear(); }
/* Process as told, or not at all where `processing` is null. */
void sound_path_process(void *path, const Processing *processing) {
    of(path)->voice.use(processing);
}
int sound_path_failed(void *path) { return of(path)->voice.failed(); }

/* Microphone: gaps, floods; speaker: gaps, floods. */
void sound_path_counts(void *path, uint64_t counts[4]) {
    counts[0] = of(path)->microphone.missed();
    counts[1] = of(path)->microphone.late();
    counts[2] = of(path)->speaker.dry();
    counts[3] = of(path)->speaker.floods();
}

void sound_path_level(void *path, int of_speaker, double *mean_square, int *peak) {
    (of_speaker ? of(path)->speaker.level : of(path)->microphone.level).read(mean_square, peak);
}

void sound_path_attach(void *path, void *loop, void *stream, Lost lost) {
    of(path)->speaker.attach(static_cast<pa_mainloop *>(loop), static_cast<pa_stream *>(stream),
                             lost);
}
void sound_path_detach(void *path, void *stream) {
    of(path)->speaker.detach(static_cast<pa_stream *>(stream));
}
void sound_path_tend(void *path) { of(path)->speaker.tend(); }

void *sound_capture_new(void *path, void *loop, void *stream) {
    return new Capture(of(path), loop, stream);
}
int sound_capture_run(void *capture) { return static_cast<Capture *>(capture)->run(); }
void sound_capture_end(void *capture) { static_cast<Capture *>(capture)->end(); }
void sound_capture_free(void *capture) { delete static_cast<Capture *>(capture); }
}
