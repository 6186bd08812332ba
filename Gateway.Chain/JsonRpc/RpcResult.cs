using System.Diagnostics.CodeAnalysis;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>The value of a call, or why there is none.</summary>
/// <typeparam name="T">What the method answers.</typeparam>
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

    /// <summary>Looks at both at once: <c>if (result.TryGet(out var block, out var error))</c>.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out RpcError? error)
    {
        (value, error) = (Value, Error);
        return error is null;
    }

    /// <summary>The value.</summary>
    /// <exception cref="RpcException">There is none.</exception>
    public T OrThrow() => Error is null ? Value! : throw new RpcException(Error);

    /// <summary>Reads the value further; an error stays the error that it is.</summary>
    public RpcResult<TNext> Then<TNext>(Func<T, RpcResult<TNext>> read) => Error is null ? read(Value!) : Error;

    /// <summary>A value whose type is an interface, which no conversion takes.</summary>
    internal static RpcResult<T> Of(T value) => new(value, null);

    /// <summary>A value.</summary>
    public static implicit operator RpcResult<T>(T value) => new(value, null);

    /// <summary>An error.</summary>
    public static implicit operator RpcResult<T>(RpcError error) => new(default, error);
}
