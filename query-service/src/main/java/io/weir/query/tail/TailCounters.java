package io.weir.query.tail;

import java.util.concurrent.atomic.LongAdder;

/**
 * What all readers were sent.
 *
 * @param sent rows, once for each reader that got them
 * @param missed rows that readers were told were left out
 */
record TailCounters(LongAdder sent, LongAdder missed) {

    TailCounters() {
        this(new LongAdder(), new LongAdder());
    }
}
