
// The ports of native/, beside PJSIP's own classes; bytes are made with the interpreter's lock held.
%{
#include "sound_port.hpp"
%}
%nothread pj::SoundPort::drain;
%include "sound_port.hpp"
