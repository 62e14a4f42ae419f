using System.Runtime.ExceptionServices;

namespace MlOps.Sdk.Features;

/// <summary>
/// Memory that transforms and models may use while they predict, kept by the caller so that predictions allocate nothing. Not
/// thread-safe: one per concurrent call. Disposing it disposes every state that is disposable.
/// </summary>
public sealed class PredictScratch : IDisposable
{
    private double[] _doubles = [];
    private (object Owner, object State)[] _states = [];
    private bool _disposed;

    /// <summary>Room for some numbers; their content is not specified, and the next call may use the same memory.</summary>
    /// <param name="count">How many.</param>
    public Span<double> Doubles(int count)
    {
        if (_doubles.Length < count) _doubles = new double[count];
        return _doubles.AsSpan(0, count);
    }

    /// <summary>
    /// The state that an owner keeps for this caller, for example a rented engine that is not thread-safe. It is created by the first call
    /// and returned by every later one; returning it allocates nothing.
    /// </summary>
    /// <typeparam name="T">The type of the state, always the same for an owner.</typeparam>
    /// <param name="owner">The model or transform that the state belongs to, compared by reference.</param>
    /// <param name="create">Creates the state. Keep the delegate in a field: a lambda that captures allocates on every call.</param>
    /// <exception cref="InvalidOperationException">The owner keeps a state of another type.</exception>
    /// <exception cref="ObjectDisposedException">The scratch is disposed of.</exception>
    public T State<T>(object owner, Func<T> create)
        where T : class
    {
        foreach (ref readonly var kept in _states.AsSpan())
        {
            if (ReferenceEquals(kept.Owner, owner)) return Typed<T>(owner, kept.State);
        }

        return Create(owner, create);
    }

    /// <summary>Disposes the states; the first failure is thrown after all of them were asked.</summary>
    public void Dispose()
    {
        _disposed = true;
        var states = _states;
        _states = [];
        ExceptionDispatchInfo? failure = null;
        foreach (var (_, state) in states)
        {
            try
            {
                (state as IDisposable)?.Dispose();
            }
            catch (Exception e)
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        failure?.Throw();
    }

    private T Create<T>(object owner, Func<T> create)
        where T : class
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(create);
        var state = create() ?? throw new InvalidOperationException($"The state of {owner.GetType().Name} was created as null.");
        _states = [.. _states, (owner, state)];
        return state;
    }

    private static T Typed<T>(object owner, object state)
        where T : class => state as T
        ?? throw new InvalidOperationException(
            $"{owner.GetType().Name} has a state of type {state.GetType().Name}, but requested one of type {typeof(T).Name}.");
}
