"""A call-centre plugin for Asterisk: welcome texts, callbacks and surveys for phone queues, over ARI."""
