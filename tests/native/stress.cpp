/* The microphone, the voice and the pace of native/ under threads that do everything at once, for the
   compiler's sanitizers. Ends with 0 where every frame was whole and every answer within bounds. */

#include <random>
#include <thread>

#include "microphone.h"
#include "pace.h"

using namespace sound;

namespace {

constexpr int PUTS = 20000, STEPS = 200000, REFUSED_AT = 60000;

std::mt19937 chance(7);
int16_t near_sound[BLOCK], far_sound[BLOCK];
std::atomic<int> asked{0};

int beat(void *microphone) {
    int16_t frame[FRAME];
    switch (chance() % 20) {
    case 0:
        return LATE;
    case 1:
        return ON; /* nobody hears us */
    case 2:
        Microphone::give(microphone, frame);
        return LATER;
    default:
        Microphone::give(microphone, frame);
        return ON;
    }
}

uint64_t ask(const uint8_t *, size_t, const uint8_t **, size_t *length) {
    *length = 7;
    return asked++ == REFUSED_AT ? 0 : 1;
}

bool drop(uint64_t) { return true; }

template <typename Work> std::thread again(std::atomic<bool> &ending, int every_us, Work work) {
    return std::thread([&ending, every_us, work] {
        for (int turn = 0; !ending; turn++) {
            work(turn);
            std::this_thread::sleep_for(std::chrono::microseconds(every_us));
        }
    });
}

bool sound_of_any_length_goes_through() {
    uint8_t request[1] = {1};
    Processing processing{ask, drop, {request, 1, near_sound, 7}, {request, 1, far_sound, 7}};
    Voice voice;
    Microphone microphone(voice);
    microphone.lead(beat, &microphone);
    std::atomic<bool> ending{false};
    std::thread others[] = {
        again(ending, 200, [&](int) {
            int16_t frame[FRAME];
            Microphone::give(&microphone, frame);
        }),
        again(ending, 700, [&](int turn) {
            voice.use(turn % 3 ? &processing : nullptr);
            microphone.amplify(turn % 2 ? 1.0 : 3.0);
            if (turn % 50 == 0)
                microphone.clear();
            double mean_square;
            int peak;
            microphone.level.read(&mean_square, &peak);
        }),
        again(ending, 100, [&](int turn) {
            int16_t pcm[FRAME + 3] = {};
            voice.played(pcm, FRAME - 3 + turn % 7);
        }),
    };
    bool well = true;
    for (int put = 0; put < PUTS; put++) {
        Samples pcm(chance() % (put % 50 ? 900 : 5000));
        for (int16_t &sample : pcm)
            sample = int16_t(chance());
        int missing = microphone.put(pcm.data(), pcm.size());
        well = well && missing > 0 && missing <= FRAME * 3 / 2;
    }
    ending = true;
    for (std::thread &other : others)
        other.join();
    return well;
}

bool every_step_stays_within_its_frame() {
    int16_t whole[FRAME + 2 * CONTEXT], made[FRAME + 3];
    for (int16_t &sample : whole)
        sample = int16_t(chance());
    Stretch stretch;
    Pace pace(8 * MS);
    for (int turn = 0; turn < STEPS; turn++) {
        int step = pace.step(int(chance() % 900) - 100);
        if (step < -3 || step > 3)
            return false;
        pace.took(step);
        if (step && turn % 100 == 0)
            stretch.apply(whole, step, made);
        if (chance() % 1000 == 0)
            pace.trouble();
    }
    return true;
}

} // namespace

int main() {
    return sound_of_any_length_goes_through() && every_step_stays_within_its_frame() ? 0 : 1;
}
