namespace MlOps.Sdk.Collection;

/// <summary>Values of one type.</summary>
internal sealed record ThriftList(ThriftType Element, IReadOnlyList<ThriftValue> Items);
