namespace MlOps.Sdk.AspNetCore;

/// <summary>A tensor of a request, before it is read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Data">Its elements as JSON, or as bytes.</param>
/// <param name="IsBinary">Whether they are bytes.</param>
internal sealed record InferTensor(string Name, string Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data, bool IsBinary);
