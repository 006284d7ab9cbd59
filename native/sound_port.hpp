/* A port of the bridge whose frames are taken and given without the interpreter. */

#pragma once

#ifndef SWIG
#include <Python.h>

#include <pjsua2.hpp>
#endif

#include <string>

namespace pj {

struct SoundPortFrames;

class SoundPort : public AudioMedia {
  public:
    /* Register a port of 16 kHz mono, 20 ms. Throws Error. */
    SoundPort(const std::string &name) PJSUA2_THROW(Error);
    virtual ~SoundPort();

    /* Let C functions give frames to the bridge and take them from it; 0 where one does not. */
    void connect(size_t give, size_t take, size_t context);

    /* Keep what the bridge brings from now on, until it is drained, or drop it. */
    void keep(bool on);

    /* Return what was kept since, as bytes: one frame for each tick, silence where there was none. */
    PyObject *drain();

  private:
    SoundPortFrames *frames;
};

} // namespace pj
