using System.Data.Common;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>What a server answers when a statement fails.</summary>
internal sealed class ClickHouseFailure(string message) : DbException(message);
