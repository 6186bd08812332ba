using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain;

/// <summary>The block that a read refers to: a number or one of the chain's named blocks.</summary>
public readonly record struct BlockTag : IRpcParameter
{
    private readonly string? _text;

    private BlockTag(string text) => _text = text;

    /// <summary>The newest block; also the meaning of the default value.</summary>
    public static BlockTag Latest { get; } = new("latest");

    /// <summary>The newest block and the mempool on top of it.</summary>
    public static BlockTag Pending { get; } = new("pending");

    /// <summary>The newest block that the chain considers safe.</summary>
    public static BlockTag Safe { get; } = new("safe");

    /// <summary>The newest block that will not be reverted.</summary>
    public static BlockTag Finalized { get; } = new("finalized");

    /// <summary>The first block.</summary>
    public static BlockTag Earliest { get; } = new("earliest");

    /// <summary>The block with this number.</summary>
    public static BlockTag At(ulong number) => new(HexQuantity.Format(number));

    /// <inheritdoc/>
    public void WriteTo(System.Text.Json.Utf8JsonWriter writer) => writer.WriteStringValue(ToString());

    /// <summary>The text as it is sent.</summary>
    public override string ToString() => _text ?? "latest";
}
