using System.Text.Json.Nodes;

namespace MlOps.Sdk.Deployment;

/// <summary>Endpoints, configurations, models and tags at SageMaker. Thread-safe.</summary>
internal sealed class SageMakerResources(SageMakerApi api, SageMakerOptions options, TargetOwner owner, TimeProvider time)
{
    public async Task<SageMakerEndpoint?> FindEndpointAsync(string name, CancellationToken cancellationToken) =>
        await api.FindAsync("DescribeEndpoint", new JsonObject { ["EndpointName"] = name }, cancellationToken)
            .ConfigureAwait(false) is { } answer ? SageMakerEndpoint.Of(answer) : null;

    /// <summary>Waits until an endpoint does not change any more; <see langword="null"/> where there is none.</summary>
    /// <exception cref="MlOpsException">It changes for longer than <see cref="SageMakerOptions.Patience"/>.</exception>
    public async Task<SageMakerEndpoint?> SettleAsync(string name, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (await FindEndpointAsync(name, cancellationToken).ConfigureAwait(false) is { } endpoint)
        {
            if (!endpoint.IsChanging) return endpoint;
            if (time.GetElapsedTime(began) >= options.Patience) throw StillChanging(name, endpoint);
            await Task.Delay(options.PollInterval, time, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>What is said of an endpoint that changes for too long.</summary>
    public static MlOpsException StillChanging(string name, SageMakerEndpoint? endpoint) => new(
        $"The endpoint '{name}' is still {endpoint?.Status ?? "not there"} after SageMakerOptions.Patience.",
        "It is not stopped: reconcile the targets later, or set SageMakerOptions.Patience higher.");

    /// <summary>Makes sure that an endpoint was created by the library, from this workspace.</summary>
    /// <returns>Whether it has the mark of the workspace: one of before marks were there has none.</returns>
    /// <exception cref="MlOpsException">It was not.</exception>
    public async Task<bool> RequireOwnAsync(
        SageMakerRelease release, SageMakerEndpoint endpoint, CancellationToken cancellationToken)
    {
        var name = release.Endpoint;
        var tags = await ReadTagsAsync(endpoint.Arn, cancellationToken).ConfigureAwait(false);
        if (tags.GetValueOrDefault(SageMakerTags.Endpoint) != name)
        {
            throw new MlOpsException(
                $"The endpoint '{name}' of SageMaker exists, and was not created by this library: it has no tag " +
                    $"'{SageMakerTags.Endpoint}'.",
                "Set SageMakerOptions.NamePrefix so that the names differ, or delete that endpoint.");
        }
        var mark = tags.GetValueOrDefault(SageMakerTags.Workspace);

        if (mark == owner.Id) return true;

        // The tags of the endpoint are those of its first version, those of its configuration of the version that it serves.
        if (await IsOwnAsync(release.Lifecycle, tags, cancellationToken).ConfigureAwait(false)) return false;
        var served = await ReadConfigurationTagsAsync(endpoint.Configuration, cancellationToken).ConfigureAwait(false);
        if (string.IsNullOrEmpty(mark) && await IsOwnAsync(release.Lifecycle, served, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }
        throw owner.Refuse(
            $"The endpoint '{name}' of SageMaker",
            mark,
            "Set SageMakerOptions.NamePrefix so that the names differ.",
            $"set its tag '{SageMakerTags.Workspace}' to {owner.Id}: aws sagemaker add-tags --resource-arn {endpoint.Arn} " +
                $"--tags Key={SageMakerTags.Workspace},Value={owner.Id}");
    }

    /// <summary>Whether what has tags is of this workspace.</summary>
    public Task<bool> IsOwnAsync(string lifecycle, Dictionary<string, string> tags, CancellationToken cancellationToken) =>
        owner.IsOwnAsync(
            tags.GetValueOrDefault(SageMakerTags.Workspace),
            lifecycle,
            tags.GetValueOrDefault(SageMakerTags.Version),
            tags.GetValueOrDefault(SageMakerTags.ContentHash),
            cancellationToken);

    /// <summary>Whether what has tags is of another workspace.</summary>
    public bool IsOfAnother(Dictionary<string, string> tags) => owner.IsOfAnother(tags.GetValueOrDefault(SageMakerTags.Workspace));

    /// <summary>Marks something as being of this workspace.</summary>
    public Task MarkAsync(string arn, CancellationToken cancellationToken) =>
        TagAsync(arn, [new(SageMakerTags.Workspace, owner.Id)], cancellationToken);

    public Task<JsonObject?> FindConfigurationAsync(string name, CancellationToken cancellationToken) =>
        api.FindAsync("DescribeEndpointConfig", new JsonObject { ["EndpointConfigName"] = name }, cancellationToken);

    public Task<JsonObject?> FindModelAsync(string name, CancellationToken cancellationToken) =>
        api.FindAsync("DescribeModel", new JsonObject { ["ModelName"] = name }, cancellationToken);

    /// <summary>Creates something unless it is there.</summary>
    public async Task CreateAsync(string call, JsonObject request, CancellationToken cancellationToken)
    {
        try
        {
            await api.CallAsync(call, request, cancellationToken).ConfigureAwait(false);
        }
        catch (SageMakerFailure e) when (e.Exists)
        {
            // Another call, or an earlier one that was not heard of; the name says what it is made of.
        }
    }

    /// <summary>Deletes something unless it is away.</summary>
    public Task DeleteAsync(string call, string member, string name, CancellationToken cancellationToken) =>
        api.FindAsync(call, new JsonObject { [member] = name }, cancellationToken);

    /// <summary>The names of all that belongs to an endpoint by its name.</summary>
    /// <param name="kind"><c>Models</c> or <c>EndpointConfigs</c>.</param>
    /// <param name="member">The member with the name.</param>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<(string Name, string Arn)>> ListAsync(
        string kind, string member, string endpoint, CancellationToken cancellationToken)
    {
        var found = new List<(string, string)>();
        string? page = null;
        do
        {
            var request = new JsonObject { ["NameContains"] = $"{endpoint}-v", ["MaxResults"] = 100 };
            if (page is not null) request["NextToken"] = page;
            var answer = await api.CallAsync($"List{kind}", request, cancellationToken).ConfigureAwait(false);
            foreach (var item in answer[kind]?.AsArray() ?? [])
            {
                if (item?[$"{member}Name"]?.GetValue<string>() is { } name
                    && item[$"{member}Arn"]?.GetValue<string>() is { } arn
                    && SageMakerNames.IsOfVersion(endpoint, name))
                {
                    found.Add((name, arn));
                }
            }

            page = answer["NextToken"]?.GetValue<string>();
        }
        while (!string.IsNullOrEmpty(page));
        return found;
    }

    public async Task<Dictionary<string, string>> ReadTagsAsync(string arn, CancellationToken cancellationToken) =>
        await api.FindAsync("ListTags", new JsonObject { ["ResourceArn"] = arn }, cancellationToken).ConfigureAwait(false) is { } answer
            ? SageMakerTags.Read(answer["Tags"])
            : [];

    /// <summary>The tags of a configuration; none where it is not there.</summary>
    public async Task<Dictionary<string, string>> ReadConfigurationTagsAsync(string name, CancellationToken cancellationToken) =>
        ArnOf(await FindConfigurationAsync(name, cancellationToken).ConfigureAwait(false)) is { } arn
            ? await ReadTagsAsync(arn, cancellationToken).ConfigureAwait(false)
            : [];

    /// <summary>Adds a tag to a configuration of this workspace, or changes it.</summary>
    public async Task TagConfigurationAsync(string name, string key, string value, CancellationToken cancellationToken)
    {
        var arn = ArnOf(await FindConfigurationAsync(name, cancellationToken).ConfigureAwait(false)) ?? throw new MlOpsException(
            $"The configuration '{name}' was deleted by others while its endpoint was brought to it.", "Reconcile the targets.");
        await TagAsync(arn, [new(key, value), new(SageMakerTags.Workspace, owner.Id)], cancellationToken).ConfigureAwait(false);
    }

    private Task TagAsync(string arn, KeyValuePair<string, string>[] tags, CancellationToken cancellationToken) => api.CallAsync(
        "AddTags", new JsonObject { ["ResourceArn"] = arn, ["Tags"] = SageMakerTags.Of(tags) }, cancellationToken);

    public Task<JsonObject> CreateEndpointAsync(string name, string configuration, JsonArray tags, CancellationToken cancellationToken) =>
        api.CallAsync(
            "CreateEndpoint",
            new JsonObject { ["EndpointName"] = name, ["EndpointConfigName"] = configuration, ["Tags"] = tags },
            cancellationToken);

    public Task<JsonObject> UpdateEndpointAsync(
        string name, string configuration, JsonObject? deployment, CancellationToken cancellationToken)
    {
        var request = new JsonObject { ["EndpointName"] = name, ["EndpointConfigName"] = configuration };
        if (deployment is not null) request["DeploymentConfig"] = deployment;
        return api.CallAsync("UpdateEndpoint", request, cancellationToken);
    }

    public Task<byte[]> InvokeAsync(string name, byte[] body, CancellationToken cancellationToken) =>
        api.InvokeAsync(name, SageMakerRelease.LiveVariant, body, cancellationToken);

    private static string? ArnOf(JsonObject? configuration) => configuration?["EndpointConfigArn"]?.GetValue<string>();

    /// <summary>The model of a variant of a configuration; <see langword="null"/> for none.</summary>
    public static string? ModelOf(JsonObject? configuration, string variant) => VariantsOf(configuration)
        .FirstOrDefault(found => found?["VariantName"]?.GetValue<string>() == variant)?["ModelName"]?.GetValue<string>();

    /// <summary>All variants of a configuration.</summary>
    public static IEnumerable<JsonNode?> VariantsOf(JsonObject? configuration) =>
        [.. configuration?["ProductionVariants"]?.AsArray() ?? [], .. configuration?["ShadowProductionVariants"]?.AsArray() ?? []];
}
