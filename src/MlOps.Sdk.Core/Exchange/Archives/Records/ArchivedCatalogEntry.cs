namespace MlOps.Sdk;

/// <summary>
/// What people say of a version in an archive, or with the number 0 of the model itself: a tag, the description, or that it is archived;
/// and who said it last, when and why.
/// </summary>
internal sealed record ArchivedCatalogEntry(
    string Model, int Version, string Property, string Name, string Value, long At, string Actor, string Reason);
