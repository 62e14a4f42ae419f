using MlOps.Sdk.Plugins;

namespace MlOps.Sdk;

/// <summary>A lifecycle that was added to a host.</summary>
internal sealed record LifecycleRegistration(string Name);

/// <summary>An endpoint that was added to a host.</summary>
internal sealed record EndpointRegistration(string Model, IModelFeed? Feed);

/// <summary>A reader that was added to a host.</summary>
internal sealed record ReaderRegistration(Action<FormatReaders> Add);
