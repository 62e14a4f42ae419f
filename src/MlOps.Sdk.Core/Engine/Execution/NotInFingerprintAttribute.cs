namespace MlOps.Sdk.Execution;

/// <summary>Marks a field that decides no result: a cache, or data that a content version already covers.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class NotInFingerprintAttribute : Attribute;
