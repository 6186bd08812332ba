using System.Diagnostics.CodeAnalysis;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>The value of a call, or the error.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly struct RpcResult<T>
{
    private RpcResult(T? value, RpcError? error)
    {
        Value = value;
        Error = error;
    }

    /// <summary>The value; default when there is an error.</summary>
    public T? Value { get; }

    /// <summary>The error; null when there is a value.</summary>
    public RpcError? Error { get; }

    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsOk => Error is null;

    /// <summary>Gets the value or the error: <c>if (result.TryGet(out var block, out var error))</c>.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out RpcError? error)
    {
        (value, error) = (Value, Error);
        return error is null;
    }

    /// <summary>The value.</summary>
    /// <exception cref="RpcException">The call failed.</exception>
    public T OrThrow() => Error is null ? Value! : throw new RpcException(Error);

    /// <summary>Passes the value to <paramref name="read"/>; an error is returned unchanged.</summary>
    public RpcResult<TNext> Then<TNext>(Func<T, RpcResult<TNext>> read) => Error is null ? read(Value!) : Error;

    /// <summary>Wraps a value whose type is an interface, for which there is no implicit conversion.</summary>
    internal static RpcResult<T> Of(T value) => new(value, null);

    /// <summary>A value.</summary>
    public static implicit operator RpcResult<T>(T value) => new(value, null);

    /// <summary>An error.</summary>
    public static implicit operator RpcResult<T>(RpcError error) => new(default, error);
}
