package io.weir.query.cache;

import io.weir.query.snapshot.TableVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a result is called where processes share results: its organisation, and a digest of everything that was asked and of
 * the versions it was made from. Each text of these goes into the digest behind its length, so that no two keys read alike.
 *
 * @param key {@code ORGANISATION:} and 64 hexadecimal digits
 * @param namespaces what it can be forgotten with: its organisation, its question, each database it has to do with
 */
record SharedKey(String key, List<String> namespaces) {

    /** What a result of that key is called. */
    static SharedKey of(CacheKey key) {
        CacheSubject subject = key.subject();
        List<String> texts = new ArrayList<>(List.of(
                subject.organisation(),
                subject.database(),
                subject.statement(),
                subject.format().name(),
                subject.numbers().name(),
                Long.toString(subject.maxRows()),
                subject.compression().name()));
        texts.addAll(subject.parameters().texts());
        key.versions().stream()
                .sorted(Comparator.comparing(
                                (TableVersion version) -> version.table().database())
                        .thenComparing(version -> version.table().measurement()))
                .forEach(version -> texts.addAll(List.of(
                        version.table().database(), version.table().measurement(), version.hot(), version.stored())));
        return new SharedKey(subject.organisation() + ":" + digest(texts), namespaces(key));
    }

    private static List<String> namespaces(CacheKey key) {
        String organisation = key.subject().organisation();
        Set<String> namespaces = new LinkedHashSet<>();
        namespaces.add(organisation(organisation));
        namespaces.add(question(organisation, key.subject().id()));
        namespaces.add(database(organisation, key.subject().database()));
        key.versions().stream()
                .map(version -> database(organisation, version.table().database()))
                .sorted()
                .forEach(namespaces::add);
        return List.copyOf(namespaces);
    }

    /** The smallest namespace that has all that is selected in it. */
    static String namespace(Selection selection) {
        if (selection.key() != null) {
            return question(selection.organisation(), selection.key());
        }
        return selection.database() == null
                ? organisation(selection.organisation())
                : database(selection.organisation(), selection.database());
    }

    private static String organisation(String organisation) {
        return "o:" + organisation;
    }

    private static String question(String organisation, String id) {
        return "q:" + organisation.length() + ":" + organisation + ":" + id;
    }

    private static String database(String organisation, String database) {
        return "d:" + organisation.length() + ":" + organisation + ":" + database;
    }

    private static String digest(List<String> texts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String text : texts) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                digest.update(
                        ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
