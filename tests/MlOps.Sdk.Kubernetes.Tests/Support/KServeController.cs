using System.Globalization;
using System.Text.Json.Nodes;

namespace MlOps.Sdk.Kubernetes.Tests;

/// <summary>
/// What KServe and Knative make of an InferenceService as it is looked at: a revision of each template, and calls divided over the newest
/// that is ready and the last that had all of them.
/// </summary>
internal static class KServeController
{
    /// <summary>What it keeps in an object; nobody else sees it.</summary>
    public const string Member = "kserve";

    /// <summary>Takes an InferenceService up that was applied.</summary>
    public static void Apply(JsonObject applied, JsonObject? before, int looks)
    {
        var kept = before?[Member]?.DeepClone().AsObject() ?? new JsonObject { ["revisions"] = new JsonArray() };
        var revisions = kept["revisions"]!.AsArray();
        var predictor = applied["spec"]!["predictor"]!.DeepClone().AsObject();
        predictor.Remove("canaryTrafficPercent");
        var template = $"{predictor.ToJsonString()} {applied["metadata"]!["annotations"]!.ToJsonString()}";
        if (revisions.LastOrDefault()?["template"]!.GetValue<string>() != template)
        {
            kept["looks"] = looks;
            revisions.Add(new JsonObject
            {
                ["name"] = string.Create(
                    CultureInfo.InvariantCulture, $"{applied["metadata"]!["name"]}-predictor-{revisions.Count + 1:00000}"),
                ["image"] = predictor["containers"]![0]!["image"]!.GetValue<string>(),
                ["template"] = template,
            });
        }
        applied[Member] = kept;
        if (before?["status"] is { } status) applied["status"] = status.DeepClone();
    }

    /// <summary>Lets time go by.</summary>
    /// <param name="found">The InferenceService.</param>
    /// <param name="isRunning">Whether the pods of a revision run, by its name and its image.</param>
    /// <param name="isMissing">Whether there is no such image.</param>
    public static void Look(JsonObject found, Func<string, string, bool> isRunning, Func<string, bool> isMissing)
    {
        var kept = found[Member]!.AsObject();
        var looks = kept["looks"]!.GetValue<int>();
        kept["looks"] = looks - 1;
        if (looks > 1) return;
        var revisions = kept["revisions"]!.AsArray();
        var newest = revisions[^1]!;
        var hasStarted = looks <= 0;
        var isReady = hasStarted && isRunning(NameOf(newest), ImageOf(newest));
        var ready = isReady ? NameOf(newest) : kept["ready"]?.GetValue<string>();
        var canary = found["spec"]!["predictor"]!["canaryTrafficPercent"]?.GetValue<int>();
        var rolledOut = kept["rolledOut"]?.GetValue<string>();
        var traffic = new JsonArray();
        if (ready is not null)
        {
            var percent = canary is { } share && rolledOut is not null ? share : 100;
            traffic.Add(new JsonObject { ["revisionName"] = ready, ["percent"] = percent, ["latestRevision"] = true });
            if (percent < 100)
            {
                traffic.Add(new JsonObject { ["revisionName"] = rolledOut, ["percent"] = 100 - percent, ["tag"] = "prev" });
            }
            else if (isReady)
            {
                kept["rolledOut"] = ready;
            }
            kept["ready"] = ready;
        }
        var isMissingNow = hasStarted && isMissing(ImageOf(newest));
        found["status"] = new JsonObject
        {
            ["observedGeneration"] = found["metadata"]!["generation"]!.GetValue<int>(),
            ["conditions"] = new JsonArray(
                Condition("PredictorReady", isReady ? "True" : kept["wasReady"] is null ? "Unknown" : "False"),
                Condition("Ready", isReady ? "True" : kept["wasReady"] is null ? "Unknown" : "False")),
            ["components"] = new JsonObject
            {
                ["predictor"] = new JsonObject
                {
                    ["latestCreatedRevision"] = NameOf(newest), ["latestReadyRevision"] = ready, ["traffic"] = traffic,
                },
            },
            ["modelStatus"] = new JsonObject
            {
                ["transitionStatus"] = isMissingNow ? "BlockedByFailedLoad" : isReady ? "UpToDate" : "InProgress",
                ["lastFailureInfo"] = isMissingNow
                    ? new JsonObject { ["reason"] = "ModelLoadFailed", ["message"] = $"Back-off pulling image \"{ImageOf(newest)}\"" }
                    : null,
            },
        };
        kept["wasReady"] = isReady ? NameOf(newest) : kept["wasReady"]?.GetValue<string>() == NameOf(newest) ? NameOf(newest) : null;
    }

    /// <summary>The image of a revision that runs, by the name of the Service of its pods; <see langword="null"/> for none.</summary>
    public static string? FindImage(JsonObject found, string service) => found[Member]!["revisions"]!.AsArray()
        .Where(revision => $"{NameOf(revision!)}-private" == service)
        .Select(revision => ImageOf(revision!))
        .FirstOrDefault();

    private static JsonObject Condition(string type, string status) => new()
    {
        ["type"] = type, ["status"] = status, ["reason"] = status == "True" ? null : "RevisionMissing",
        ["message"] = status == "True" ? null : "Configuration is waiting for a Revision to become ready.",
    };

    private static string NameOf(JsonNode revision) => revision["name"]!.GetValue<string>();

    private static string ImageOf(JsonNode revision) => revision["image"]!.GetValue<string>();
}
