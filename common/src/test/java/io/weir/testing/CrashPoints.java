package io.weir.testing;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Kills a process, as far as its store and catalog can tell, at a step on order: before that step has its effect, or when it
 * had it and the answer is lost. From then on nothing has an effect. Thread-safe.
 */
public final class CrashPoints {

    private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
    private volatile boolean after;
    private volatile boolean dead;
    private final Sinks.Empty<Void> death = Sinks.empty();

    /** A process that does not die until it is told to. */
    public CrashPoints() {}

    /** A process that dies at that step, from 0. */
    public CrashPoints(int step, boolean after) {
        dieAt(step, after);
    }

    /** Kills it at that step, from 0, of those that come. */
    public void dieAt(int step, boolean afterIt) {
        after = afterIt;
        left.set(step);
    }

    /** Lets it live, unless it has died already. */
    public void live() {
        left.set(Integer.MAX_VALUE);
    }

    /** Kills it. */
    public void die() {
        dead = true;
        death.tryEmitEmpty();
    }

    /** Whether it has died. */
    public boolean isDead() {
        return dead;
    }

    /** Completes when it dies, for those who wait for what goes on trying. */
    public Mono<Void> death() {
        return death.asMono();
    }

    private <T> Mono<T> dies() {
        die();
        return refused();
    }

    private static <T> Mono<T> refused() {
        return Mono.error(new IllegalStateException("injected: the process is dead"));
    }

    private <T> Mono<T> around(Mono<T> work) {
        return Mono.defer(() -> {
            if (dead) {
                return refused();
            }
            if (left.getAndDecrement() != 0) {
                return work;
            }
            if (!after) {
                return dies();
            }
            return work.then(Mono.defer(this::dies));
        });
    }

    /** The same, as that process calls it. */
    public <T> T of(Class<T> type, T target) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.isDefault()) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
            }
            Object result;
            try {
                result = method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
            if (result instanceof Mono<?> mono) {
                return around(mono);
            }
            return result instanceof Flux<?> flux ? around(flux.collectList()).flatMapIterable(list -> list) : result;
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
