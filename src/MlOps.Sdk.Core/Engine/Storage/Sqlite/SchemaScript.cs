namespace MlOps.Sdk.Storage;

/// <summary>One step of the schema.</summary>
/// <param name="Number">Its place, from 1.</param>
/// <param name="MinimumReader">The oldest schema whose library can still read and write after this step.</param>
/// <param name="Sql">The statements.</param>
internal sealed record SchemaScript(int Number, int MinimumReader, string Sql);
