package io.weir.common.hot;

import java.util.ArrayList;
import java.util.List;

/**
 * All that one query holds: hot parts, and files that are pinned for it. Closing it lets go of them; what is added later, by
 * a read that was overtaken by the query's end, is let go at once. So nothing is ever held by nobody. Thread-safe.
 */
public final class HotHold implements AutoCloseable {

    private final List<Runnable> releases = new ArrayList<>();
    private boolean closed;

    /** Takes over a part, and returns it. */
    public HotPart add(HotPart part) {
        keep(part::close);
        return part;
    }

    /** Takes over something that {@code release}, which must not block, lets go. */
    public void keep(Runnable release) {
        synchronized (releases) {
            if (!closed) {
                releases.add(release);
                return;
            }
        }
        release.run();
    }

    @Override
    public void close() {
        List<Runnable> held;
        synchronized (releases) {
            closed = true;
            held = List.copyOf(releases);
            releases.clear();
        }
        held.forEach(Runnable::run);
    }
}
