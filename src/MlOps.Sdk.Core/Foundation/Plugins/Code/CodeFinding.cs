namespace MlOps.Sdk.Plugins;

/// <summary>What a call that leaves open what runs may find.</summary>
internal enum CodeFinding
{
    /// <summary>What modules hold beside code, such as their resources: the identity of the modules tells it.</summary>
    Contents,

    /// <summary>Members of types that the code mentions: all of them count.</summary>
    Members,

    /// <summary>Any type of the application: what it reads cannot be told.</summary>
    Types,
}
