package io.weir.storage.s3;

import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The contract over one peer, under a prefix that is never empty. LESSONS 26. */
abstract class S3ObjectStoreContract extends ObjectStoreContract {

    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private S3ObjectStore store;

    abstract S3Settings settings();

    @BeforeEach
    void open() {
        store = new S3ObjectStore(settings(), schedulers.io());
    }

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
        }
        schedulers.close();
    }

    @Override
    protected ObjectStore store() {
        return store;
    }
}
