using Google.Protobuf;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>Client envelopes as SDKs send them, small.</summary>
internal static class SampleEnvelopes
{
    public static ClientEnvelope Welcome { get; } = new()
    {
        Aad = Aad(TopicKind.WelcomeMessages, 32),
        WelcomeMessage = new WelcomeMessageInput
        {
            V1 = new WelcomeMessageInput.Types.V1
            {
                InstallationKey = ByteString.CopyFrom(Bytes.Counted(32)),
                Data = ByteString.CopyFrom(Bytes.Counted(8)),
            },
        },
    };

    public static ClientEnvelope KeyPackage { get; } = new()
    {
        Aad = Aad(TopicKind.KeyPackages, 32),
        UploadKeyPackage = new UploadKeyPackageRequest
        {
            KeyPackage = new KeyPackageUpload { KeyPackageTlsSerialized = ByteString.CopyFrom(Bytes.Counted(16)) },
        },
    };

    public static ClientEnvelope Application { get; } = Group(Mls(format: 2, contentType: 1));

    public static ClientEnvelope Commit { get; } = Group(Mls(format: 2, contentType: 3));

    public static ClientEnvelope Proposal { get; } = Group(Mls(format: 1, contentType: 2));

    public static ClientEnvelope Identity { get; } = new()
    {
        Aad = Aad(TopicKind.IdentityUpdates, 32),
        IdentityUpdate = new IdentityUpdate
        {
            InboxId = Convert.ToHexStringLower(Bytes.Counted(32)),
            ClientTimestampNs = 1,
            Actions =
            {
                new IdentityAction
                {
                    CreateInbox = new CreateInbox { InitialIdentifier = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", Nonce = 1 },
                },
            },
        },
    };

    public static ClientEnvelope WithCursor { get; } = Cursor();

    public static IEnumerable<(string Name, ClientEnvelope Envelope)> All =>
    [
        ("welcome", Welcome), ("key-package", KeyPackage), ("application", Application), ("commit", Commit), ("proposal", Proposal),
        ("identity-update", Identity), ("depends-on", WithCursor),
    ];

    /// <summary>An MLSMessage up to its content type, and a few bytes behind it: format 1 public, 2 private.</summary>
    public static byte[] Mls(byte format, byte contentType) =>
    [
        0, 1, 0, format,
        16, .. Bytes.Counted(16),
        .. new byte[8],
        .. format == 1 ? new byte[] { 1, 0, 0, 0, 7, 3, 1, 2, 3 } : [],
        contentType,
        1, 2, 3,
    ];

    private static ClientEnvelope Group(byte[] mls) => new()
    {
        Aad = Aad(TopicKind.GroupMessages, 16),
        GroupMessage = new GroupMessageInput
        {
            V1 = new GroupMessageInput.Types.V1
            {
                Data = ByteString.CopyFrom(mls),
                SenderHmac = ByteString.CopyFrom(Bytes.Counted(32)),
                ShouldPush = true,
            },
        },
    };

    private static ClientEnvelope Cursor()
    {
        var envelope = Application.Clone();
        envelope.Aad.DependsOn = new Cursor { NodeIdToSequenceId = { [100] = 5, [200] = ulong.MaxValue } };
        return envelope;
    }

    private static AuthenticatedData Aad(TopicKind kind, int identifier) =>
        new() { TargetTopic = ByteString.CopyFrom([(byte)kind, .. Bytes.Counted(identifier)]) };
}
