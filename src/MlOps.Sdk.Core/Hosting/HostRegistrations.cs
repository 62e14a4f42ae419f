using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk;

/// <summary>A lifecycle that was added to a host.</summary>
internal sealed record LifecycleRegistration(string Name);

/// <summary>An endpoint that was added to a host.</summary>
/// <param name="Model">The model.</param>
/// <param name="Feed">Where its versions come from, if not from a lifecycle.</param>
/// <param name="Types">The types of its rows and answers, for messages.</param>
/// <param name="Check">Fails when a version cannot be asked with them.</param>
internal sealed record EndpointRegistration(string Model, IModelFeed? Feed, string Types, Action<LiveModel> Check);

/// <summary>A reader that was added to a host.</summary>
internal sealed record ReaderRegistration(Action<FormatReaders> Add);
