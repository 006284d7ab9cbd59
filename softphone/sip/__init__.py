"""SIP through PJSIP: one thread owns every pjsua2 object; TLS through the edge."""
