namespace MlOps.Sdk.Processing;

/// <summary>What an expression gives.</summary>
internal enum ExpressionKind
{
    Number,
    Text,
    Boolean,
}
