package io.weir.standalone.server;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.storage.backup.Backup;
import io.weir.storage.backup.BackupPlace;
import io.weir.storage.backup.CopyTally;
import io.weir.storage.setup.StorageSettings;
import io.weir.storage.setup.StorePlace;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Backups that this process makes: one at a time, the latest ones remembered until it stops. A stop ends one that runs; what it
 * has copied the next one finds. Thread-safe.
 */
final class BackupJobs implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BackupJobs.class);
    private static final int REMEMBERED = 20;

    private final Backup backup;
    private final StorageSettings settings;
    private final Clock clock;
    private final Scheduler io;
    private final Map<String, BackupJob> jobs = new LinkedHashMap<>();
    private final Disposable.Swap running = Disposables.swap();

    BackupJobs(Backup backup, StorageSettings settings, Clock clock, Scheduler io) {
        this.backup = backup;
        this.settings = settings;
        this.clock = clock;
        this.io = io;
    }

    /**
     * Begins a backup; it goes on when nobody waits.
     *
     * @param url the place
     * @return the job; an error {@code invalid-request} when there is no such place, {@code conflict} when a backup runs
     */
    Mono<BackupJob> begin(String url) {
        return Mono.fromCallable(() -> StorePlace.open(settings, url, io))
                .subscribeOn(io)
                .map(place -> {
                    try {
                        return begin(place);
                    } catch (RuntimeException e) {
                        place.close();
                        throw e;
                    }
                });
    }

    private synchronized BackupJob begin(StorePlace place) {
        jobs.values().stream()
                .filter(job -> job.state() == BackupJob.State.RUNNING)
                .findFirst()
                .ifPresent(job -> {
                    throw new WeirException(
                            CommonError.CONFLICT,
                            "backup " + job.id() + " is running (expected: none; its progress is at "
                                    + BackupRoutes.BASE + "/" + job.id() + ")",
                            Map.of("backup", job.id()));
                });
        BackupJob job = new BackupJob(
                backup.newId(), place.name(), clock.instant(), new CopyTally(), BackupJob.State.RUNNING, null, null);
        jobs.put(job.id(), job);
        if (jobs.size() > REMEMBERED) {
            jobs.remove(jobs.keySet().iterator().next());
        }
        running.update(backup.run(job.id(), new BackupPlace(place.objects(), !place.local(), place.name()), job.tally())
                .subscribeOn(io)
                .doFinally(signal -> io.schedule(place::close))
                .doOnCancel(() -> ended(job.id(), BackupJob.State.CANCELLED, null))
                .subscribe(contents -> ended(job.id(), BackupJob.State.SUCCEEDED, null), e -> {
                    LOG.warn("backup {} to {} failed", job.id(), job.place(), e);
                    ended(
                            job.id(),
                            BackupJob.State.FAILED,
                            e instanceof WeirException weir ? weir.detail() : e.toString());
                }));
        return job;
    }

    private synchronized void ended(String id, BackupJob.State state, @Nullable String failure) {
        jobs.computeIfPresent(id, (key, job) -> {
            if (state == BackupJob.State.SUCCEEDED) {
                LOG.info(
                        "backup {} to {}: {} files, {} of them copied",
                        id,
                        job.place(),
                        job.tally().files(),
                        job.tally().filesCopied());
            }
            return job.ended(state, clock.instant(), failure);
        });
    }

    /** Jobs, the latest first. */
    synchronized List<BackupJob> list() {
        List<BackupJob> all = new ArrayList<>(jobs.values());
        Collections.reverse(all);
        return all;
    }

    /** That job; an error {@code not-found}. */
    synchronized BackupJob require(String id) {
        return Optional.ofNullable(jobs.get(id))
                .orElseThrow(() -> new WeirException(
                        CommonError.NOT_FOUND,
                        "there is no backup " + Names.printable(id) + " of this process (expected: one of those at "
                                + BackupRoutes.BASE + ")"));
    }

    /** Ends that job if it runs. */
    BackupJob cancel(String id) {
        if (require(id).state() == BackupJob.State.RUNNING) {
            running.update(Disposables.single());
        }
        return require(id);
    }

    @Override
    public void close() {
        running.dispose();
    }
}
