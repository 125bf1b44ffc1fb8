package io.weir.common.hot;

import java.util.ArrayList;
import java.util.List;

/**
 * All hot parts that one query holds. Closing it closes them; a part that is added later, by a read that was overtaken by
 * the query's end, is closed at once. So no part is ever held by nobody. Thread-safe.
 */
public final class HotHold implements AutoCloseable {

    private final List<HotPart> parts = new ArrayList<>();
    private boolean closed;

    /** Takes over a part, and returns it. */
    public HotPart add(HotPart part) {
        synchronized (parts) {
            if (!closed) {
                parts.add(part);
                return part;
            }
        }
        part.close();
        return part;
    }

    @Override
    public void close() {
        List<HotPart> held;
        synchronized (parts) {
            closed = true;
            held = List.copyOf(parts);
            parts.clear();
        }
        held.forEach(HotPart::close);
    }
}
