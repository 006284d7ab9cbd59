/* See sound_port.hpp. The bridge lets go of a port later than asked: what its callbacks use lives
   until PJSIP says that the port is destroyed. */

#include "sound_port.hpp"

#include <cstring>
#include <mutex>
#include <vector>

#include "sound.h"

namespace pj {

using namespace sound;

constexpr pj_size_t FRAME_BYTES = FRAME * sizeof(int16_t);
const int16_t SILENCE[FRAME] = {};

struct SoundPortFrames {
    pj_pool_t *pool;
    pjmedia_port port;
    std::mutex mutex;
    Give give;
    Take take;
    void *context;
    bool keeping;
    std::vector<int16_t> kept, drained;
};

static pj_status_t take_frame(pjmedia_port *port, pjmedia_frame *frame) {
    auto *frames = static_cast<SoundPortFrames *>(port->port_data.pdata);
    bool heard = frame->type == PJMEDIA_FRAME_TYPE_AUDIO && frame->size == FRAME_BYTES;
    auto *pcm = heard ? static_cast<const int16_t *>(frame->buf) : SILENCE;
    std::lock_guard<std::mutex> held(frames->mutex);
    if (frames->take)
        frames->take(frames->context, pcm);
    else if (frames->keeping)
        frames->kept.insert(frames->kept.end(), pcm, pcm + FRAME);
    return PJ_SUCCESS;
}

static pj_status_t give_frame(pjmedia_port *port, pjmedia_frame *frame) {
    auto *frames = static_cast<SoundPortFrames *>(port->port_data.pdata);
    std::lock_guard<std::mutex> held(frames->mutex);
    if (frames->give)
        frames->give(frames->context, static_cast<int16_t *>(frame->buf));
    else
        std::memset(frame->buf, 0, FRAME_BYTES);
    frame->type = PJMEDIA_FRAME_TYPE_AUDIO;
    frame->size = FRAME_BYTES;
    return PJ_SUCCESS;
}

static pj_status_t destroyed(pjmedia_port *port) {
    auto *frames = static_cast<SoundPortFrames *>(port->port_data.pdata);
    pj_pool_t *pool = frames->pool;
    delete frames;
    pj_pool_release(pool);
    return PJ_SUCCESS;
}

SoundPort::SoundPort(const std::string &name) PJSUA2_THROW(Error) : frames(new SoundPortFrames{}) {
    frames->pool = pjsua_pool_create("sound%p", 512, 512);
    pj_str_t called;
    pj_strdup2_with_null(frames->pool, &called, name.c_str());
    pjmedia_port_info_init(&frames->port.info, &called, PJMEDIA_SIG_CLASS_APP('S', 'N', 'D'),
                           RATE_HZ, 1, 16, FRAME);
    frames->port.port_data.pdata = frames;
    frames->port.put_frame = &take_frame;
    frames->port.get_frame = &give_frame;
    frames->port.on_destroy = &destroyed;
    pj_status_t status = pjmedia_port_init_grp_lock(&frames->port, frames->pool, NULL);
    if (status != PJ_SUCCESS)
        throw Error(status, "SoundPort", "", __FILE__, __LINE__);
    registerMediaPort2(&frames->port, frames->pool);
}

SoundPort::~SoundPort() {
    try {
        unregisterMediaPort();
    } catch (const Error &) { /* the library has ended: nothing is registered any more */
    }
    connect(0, 0, 0);
    keep(false);
    pjmedia_port_destroy(&frames->port);
}

void SoundPort::connect(size_t give, size_t take, size_t context) {
    std::lock_guard<std::mutex> held(frames->mutex);
    frames->give = reinterpret_cast<Give>(give);
    frames->take = reinterpret_cast<Take>(take);
    frames->context = reinterpret_cast<void *>(context);
}

void SoundPort::keep(bool on) {
    std::lock_guard<std::mutex> held(frames->mutex);
    frames->keeping = on;
    frames->kept.clear();
}

PyObject *SoundPort::drain() {
    {
        std::lock_guard<std::mutex> held(frames->mutex);
        frames->drained.clear();
        frames->drained.swap(frames->kept); /* both keep their room: nothing is allocated for long */
    }
    return PyBytes_FromStringAndSize(reinterpret_cast<const char *>(frames->drained.data()),
                                     frames->drained.size() * sizeof(int16_t));
}

} // namespace pj
