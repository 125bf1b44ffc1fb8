package io.weir.common.health;

import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/**
 * Asks one part whether it works.
 *
 * @param name as health and metrics call it, and {@code weir.health.required}
 * @param question completes when it does, and fails with what is wrong when it does not; must not block
 */
public record HealthCheck(String name, Mono<Void> question) {

    /** A check that looks at what is known already: {@code problem} gives a sentence, or an empty text for none. */
    public static HealthCheck of(String name, Supplier<String> problem) {
        return new HealthCheck(name, Mono.fromRunnable(() -> {
            String found = problem.get();
            if (!found.isEmpty()) {
                throw new HealthProblem(found);
            }
        }));
    }
}
