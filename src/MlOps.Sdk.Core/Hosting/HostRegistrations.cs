using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>A lifecycle that was added to a host.</summary>
internal sealed record LifecycleRegistration(string Name);

/// <summary>An endpoint that was added to a host.</summary>
/// <param name="Model">The model.</param>
/// <param name="Type">The type that it is injected as.</param>
/// <param name="Feed">Where its versions come from, if not from a lifecycle.</param>
/// <param name="Endpoint">The types of its rows and answers.</param>
internal sealed record EndpointRegistration(string Model, Type Type, IModelFeed? Feed, SlotEndpoint Endpoint);

/// <summary>A rule that answers where a model of the host does not.</summary>
/// <param name="Model">The model.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Circuit">When a version that fails is no longer called for a while.</param>
internal sealed record FallbackRegistration(string Model, FallbackRule Rule, CircuitOptions? Circuit);

/// <summary>A folder with releases of another workspace.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Interval">How often it is looked at.</param>
/// <param name="Limit">The largest release that is read, in bytes.</param>
internal sealed record ReleaseSource(string Folder, TimeSpan Interval, long Limit);

/// <summary>A reader that was added to a host.</summary>
/// <param name="Type">What is read.</param>
/// <param name="FormatId">The format.</param>
/// <param name="Add">Adds it to the readers of a workspace.</param>
internal sealed record ReaderRegistration(Type Type, string FormatId, Action<FormatReaders> Add);
