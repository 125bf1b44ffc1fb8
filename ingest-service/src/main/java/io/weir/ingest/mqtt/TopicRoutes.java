package io.weir.ingest.mqtt;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All subscriptions. Topics repeat, so what they mean is remembered for the last few thousand. Thread-safe. */
final class TopicRoutes {

    private static final int REMEMBERED = 10_000;
    private static final int LONGEST_REMEMBERED = 256;

    private final List<TopicRoute> routes;
    private final Map<String, MessageTarget> targets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, MessageTarget> eldest) {
            return size() > REMEMBERED;
        }
    };

    TopicRoutes(List<SubscriptionSettings> subscriptions) {
        this.routes = subscriptions.stream().map(TopicRoute::new).toList();
    }

    List<TopicRoute> all() {
        return routes;
    }

    /**
     * Where messages of that topic go.
     *
     * @throws RejectedMessage when nowhere
     */
    MessageTarget target(String topic) {
        synchronized (targets) {
            MessageTarget known = targets.get(topic);
            if (known != null) {
                return known;
            }
        }
        for (TopicRoute route : routes) {
            MessageTarget target = route.target(topic);
            if (target != null) {
                remember(topic, target);
                return target;
            }
        }
        throw new RejectedMessage("no subscription of weir.mqtt.subscriptions matches the topic (one that did may still"
                + " be in the session the broker keeps for this client)");
    }

    private void remember(String topic, MessageTarget target) {
        if (topic.length() <= LONGEST_REMEMBERED) {
            synchronized (targets) {
                targets.put(topic, target);
            }
        }
    }
}
