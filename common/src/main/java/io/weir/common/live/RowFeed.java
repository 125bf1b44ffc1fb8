package io.weir.common.live;

import io.weir.common.model.TableId;
import java.util.Optional;
import reactor.core.Disposable;

/** Where acknowledged rows can be listened to. Thread-safe; never blocks. */
public interface RowFeed {

    /**
     * Has {@code listener} told of every row of that measurement that is acknowledged from now on, whichever replica takes it,
     * until what is returned is disposed of; a call under way may still end after that. The measurement need not exist.
     */
    Disposable listen(TableId table, RowListener listener);

    /** Why no rows can come here, as a sentence; empty when they can. */
    default Optional<String> fault() {
        return Optional.empty();
    }

    /** A feed from which nothing can come. */
    static RowFeed broken(String why) {
        return new RowFeed() {
            @Override
            public Disposable listen(TableId table, RowListener listener) {
                throw new IllegalStateException(why);
            }

            @Override
            public Optional<String> fault() {
                return Optional.of(why);
            }
        };
    }
}
