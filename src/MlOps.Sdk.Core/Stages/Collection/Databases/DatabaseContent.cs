namespace MlOps.Sdk.Collection;

/// <summary>What a query reads, as it was once.</summary>
/// <param name="Stamp">Cheap to ask for; the same where nothing was written.</param>
/// <param name="Hash">Of the content itself.</param>
internal sealed record DatabaseContent(string Stamp, string Hash);
