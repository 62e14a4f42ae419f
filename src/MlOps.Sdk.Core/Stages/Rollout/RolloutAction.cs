using System.Text.Json.Serialization;

namespace MlOps.Sdk.Rollout;

/// <summary>What a rollout strategy lets happen.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RolloutAction>))]
public enum RolloutAction
{
    /// <summary>The candidate takes the place of the live version.</summary>
    GoLive,

    /// <summary>The live version stays and answers all calls.</summary>
    KeepBack,

    /// <summary>The candidate answers a share of the calls.</summary>
    Divide,

    /// <summary>Nothing changes until the next check.</summary>
    Wait,
}
