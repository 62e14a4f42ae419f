using System.Globalization;
using System.Text.Json.Nodes;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// What a version is made of at SageMaker: a model and a configuration of the endpoint, as the requests that create them. Their names
/// follow from all that is in these requests.
/// </summary>
internal sealed class SageMakerRelease
{
    /// <summary>The variant that serves the version.</summary>
    public const string LiveVariant = "live";

    /// <summary>The variant of the version before.</summary>
    public const string PreviousVariant = "previous";

    /// <param name="options">The options.</param>
    /// <param name="endpoint">The name of the endpoint at SageMaker.</param>
    /// <param name="desired">What is to be served.</param>
    /// <param name="archive">The address of the archive.</param>
    /// <param name="release">What else decides the content of the archive.</param>
    /// <param name="workspace">The id of the workspace.</param>
    public SageMakerRelease(
        SageMakerOptions options, string endpoint, DesiredDeployment desired, string archive, string release, string workspace)
    {
        (Lifecycle, Workspace) = (desired.Model.Version.Model, workspace);
        (Options, Endpoint, Version, ContentHash) =
            (options, endpoint, desired.Model.Version.Version, desired.Model.Version.ContentHash);
        var environment = new JsonObject();
        foreach (var (name, value) in options.Environment) environment[name] = value;
        environment["MLOPS_ENDPOINT"] = desired.Endpoint;
        environment["MLOPS_VERSION"] = Text(Version);
        environment["MLOPS_CONTENT_HASH"] = ContentHash;
        var model = new JsonObject
        {
            ["PrimaryContainer"] = new JsonObject
            {
                ["Image"] = options.Image,
                ["Mode"] = "SingleModel",
                ["ModelDataUrl"] = archive,
                ["Environment"] = environment,
            },
            ["ExecutionRoleArn"] = options.RoleArn,
            ["EnableNetworkIsolation"] = options.NetworkIsolation,
        };
        ModelName = SageMakerNames.OfVersion(endpoint, Version, model.ToJsonString() + release);
        model[nameof(ModelName)] = ModelName;
        model["Tags"] = TagsOf();
        Model = model;
    }

    public SageMakerOptions Options { get; }

    /// <summary>The name of the endpoint.</summary>
    public string Endpoint { get; }

    /// <summary>The name of the model in the workspace.</summary>
    public string Lifecycle { get; }

    /// <summary>The id of the workspace.</summary>
    public string Workspace { get; }

    public int Version { get; }

    public string ContentHash { get; }

    public string ModelName { get; }

    /// <summary>What creates the model.</summary>
    public JsonObject Model { get; }

    /// <summary>What creates the configuration, and its name.</summary>
    /// <param name="previousModel">The model of the version before; <see langword="null"/> for none.</param>
    public (string Name, JsonObject Request) Configuration(string? previousModel)
    {
        var keeps = previousModel is not null && Options.Previous != SageMakerPrevious.Removed;
        var share = (decimal)Options.PreviousShare;
        var isHoldback = keeps && Options.Previous == SageMakerPrevious.Holdback;
        var production = new JsonArray(Variant(LiveVariant, ModelName, isHoldback ? 1 - share : 1));
        if (isHoldback) production.Add(Variant(PreviousVariant, previousModel!, share));
        var request = new JsonObject { ["ProductionVariants"] = production };
        if (keeps && !isHoldback)
        {
            request["ShadowProductionVariants"] = new JsonArray(Variant(PreviousVariant, previousModel!, share));
        }
        var name = SageMakerNames.OfVersion(Endpoint, Version, request.ToJsonString());
        request["EndpointConfigName"] = name;
        request["Tags"] = TagsOf();
        return (name, request);
    }

    /// <summary>How an update goes; <see langword="null"/> for SageMaker's way: a new fleet, which takes all calls at once.</summary>
    public JsonObject? Deployment()
    {
        var config = new JsonObject();
        var bake = (int)Options.Bake.TotalSeconds;
        if (Options.RollingBatchPercent is { } percent)
        {
            config["RollingUpdatePolicy"] = new JsonObject
            {
                ["MaximumBatchSize"] = new JsonObject { ["Type"] = "CAPACITY_PERCENT", ["Value"] = percent },
                ["WaitIntervalInSeconds"] = bake,
                ["MaximumExecutionTimeoutInSeconds"] = (int)Options.Patience.TotalSeconds,
            };
        }
        else if (bake > 0)
        {
            config["BlueGreenUpdatePolicy"] = new JsonObject
            {
                ["TrafficRoutingConfiguration"] = new JsonObject { ["Type"] = "ALL_AT_ONCE", ["WaitIntervalInSeconds"] = bake },
                ["MaximumExecutionTimeoutInSeconds"] = (int)Options.Patience.TotalSeconds,
            };
        }

        if (Options.RollbackAlarms.Count > 0)
        {
            config["AutoRollbackConfiguration"] = new JsonObject
            {
                ["Alarms"] = new JsonArray([.. Options.RollbackAlarms.Select(name => (JsonNode)new JsonObject { ["AlarmName"] = name })]),
            };
        }
        return config.Count == 0 ? null : config;
    }

    /// <summary>The tags of what is created for the version.</summary>
    public JsonArray TagsOf() => SageMakerTags.Of(
        [
            .. Options.Tags,
            new(SageMakerTags.Endpoint, Endpoint),
            new(SageMakerTags.Workspace, Workspace),
            new(SageMakerTags.Version, Text(Version)),
            new(SageMakerTags.ContentHash, ContentHash),
        ]);

    private JsonObject Variant(string name, string model, decimal weight) => new()
    {
        ["VariantName"] = name,
        [nameof(ModelName)] = model,
        ["InitialInstanceCount"] = Options.InstanceCount,
        ["InstanceType"] = Options.InstanceType,
        ["InitialVariantWeight"] = weight,
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
