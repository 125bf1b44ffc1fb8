package io.weir.storage.duckdb;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for something that happens on another thread, with a limit. */
final class Waiting {

    private Waiting() {}

    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not happen within 10 s; " + stacks());
            }
            nap(5);
        }
    }

    private static String stacks() {
        StringBuilder text = new StringBuilder();
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            if (thread.getName().startsWith("weir-")) {
                text.append('\n').append(thread.getName()).append(' ').append(List.of(stack));
            }
        });
        return text.toString();
    }

    static boolean on(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static void nap(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    /** Live threads whose names start so, after giving them a moment to end. */
    static List<String> threadsNamed(String prefix) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        List<String> names = named(prefix);
        while (!names.isEmpty() && System.nanoTime() < deadline) {
            nap(10);
            names = named(prefix);
        }
        return names;
    }

    private static List<String> named(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }
}
