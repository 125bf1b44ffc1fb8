package io.weir.storage.backup;

import io.weir.common.error.WeirException;
import io.weir.storage.object.ObjectStoreError;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Lets so many calls through, to whatever it stands before, and no more: as if the process ended there. Thread-safe. */
final class CutOff {

    private final AtomicLong left;

    CutOff(long calls) {
        left = new AtomicLong(calls);
    }

    private static WeirException cut() {
        return new WeirException(ObjectStoreError.OBJECT_STORE_FAILED, "cut off");
    }

    /** {@code behind} behind it; default methods count once. */
    <T> T before(Class<T> type, T behind) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            try {
                Object answer = method.invoke(behind, args);
                if (answer instanceof Mono<?> mono) {
                    return Mono.defer(() -> left.decrementAndGet() < 0 ? Mono.error(cut()) : mono);
                }
                return Flux.defer(() -> left.decrementAndGet() < 0 ? Flux.error(cut()) : (Flux<?>) answer);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }
}
